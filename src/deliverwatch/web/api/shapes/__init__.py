"""What OpenAPI says of the documents that the API answers with. `render` makes them; these say what is in them."""
