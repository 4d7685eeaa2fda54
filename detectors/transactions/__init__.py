"""detectors/transactions"""
