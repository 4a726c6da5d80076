"""Render the paper's tables and figures from measurements, beside the published numbers."""
