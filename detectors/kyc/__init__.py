"""detectors/kyc"""
