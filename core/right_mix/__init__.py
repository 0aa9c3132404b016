"""The lab "The right mix": searches over settings of networks, and maps of two of them."""
