"""connectors/listings"""
