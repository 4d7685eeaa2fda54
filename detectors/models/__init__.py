"""detectors/models"""
