"""connectors/chains"""
