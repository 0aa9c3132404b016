"""A class room: what a teacher shows on every screen that follows, and what students predict, told as counts alone.

`room` and `tally` are pure; `store` keeps rooms in a database for a day; `hub` is what one web process knows of them, read once for all who look.
"""
