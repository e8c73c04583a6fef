"""Image APIs: one question a picture, keys from the environment, no vendor's package."""
