"""The questions of each lab, a module a page, imported when the page is first asked about."""
