"""Any pipeline of the diffusers library, on disk or on the Hugging Face hub."""
