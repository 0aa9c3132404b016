"""Settings of the lab as code for other libraries."""
