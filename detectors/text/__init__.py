"""detectors/text"""
