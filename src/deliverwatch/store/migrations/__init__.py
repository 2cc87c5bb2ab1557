"""The schema's history, one module per step, applied by `store.upgrade`. A step that was released is never changed."""
