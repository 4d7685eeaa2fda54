"""connectors/labels"""
