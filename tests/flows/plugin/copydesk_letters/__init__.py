"""A package as another project would write it: letters as articles."""
