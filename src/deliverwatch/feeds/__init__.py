"""Lists that are downloaded, and matched in memory.

Some lists hand out what they hold as a file: one download answers for every subject at once, and no question tells the
list's operator whom we look after. The file is what rbldnsd(8) would serve, or DROP's JSON lines, and is believed on
the same terms as an answer over DNS: `own_test` stands where the test points stand there.

A file is never loaded. Each round streams it past our own subjects, of which there are far fewer than entries, so the
cost is one pass over the file and the memory that of what was found.
"""
