"""Pictures by a workflow on a running ComfyUI."""
