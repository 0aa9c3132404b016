"""Cached calls into core, keyed by spec, a lab a module. What a page mounts is packed once and shared by everyone with the same settings."""
