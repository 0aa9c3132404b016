"""The whole lab site as processes on loopback, as compose.yaml has it in containers: what plays on it, and what breaks it."""
