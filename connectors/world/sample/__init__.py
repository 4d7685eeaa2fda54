"""A small invented sample in ethereum-etl's form, for machines without real blocks.

Every address is made up, except one that stands on the public OFAC list.
"""
