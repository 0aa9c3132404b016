"""Studies: what is measured on trained networks. Settings, parts and measures; computed by the engine, shipped for what a page opens with."""
