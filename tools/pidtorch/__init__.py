"""What pid-extract-torch is made of.  Only hooks, modules, family and extraction need torch."""
