"""connectors/world"""
