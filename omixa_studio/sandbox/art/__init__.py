"""Pictures out of nothing but Pillow: palettes, brushes and a dozen compositions."""
