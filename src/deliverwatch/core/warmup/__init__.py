"""IP warm-up: plans, runs, the fold of their days, holds, and what is said of them.

`plan` is what was agreed, `run` the values, `fold` the judgement of one day (by `platform`, `gates`, `holding` and
`outcome`, with the numbers of `policy`), `now` and `forecast` what is shown of it.
"""
