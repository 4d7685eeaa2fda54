"""connectors/exchange"""
