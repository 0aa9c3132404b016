"""Somebody's own data: a file or a pasted text becomes a table, a choice of target and features makes of it what the labs fit. No front end."""

from core.datasets.uploads.own import Choice, OwnData, own_data, suggested
from core.datasets.uploads.table import Column, Table, read_table
from core.datasets.uploads.written import own_csv

__all__ = ["Choice", "Column", "OwnData", "Table", "own_csv", "own_data", "read_table", "suggested"]
