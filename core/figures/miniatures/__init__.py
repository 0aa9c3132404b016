"""Small pictures of the labs for the home page, computed by the labs' own mathematics at their first settings."""
