"""CELLAR: zygotes and sandboxes; knows no notebook."""
