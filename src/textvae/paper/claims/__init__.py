"""The paper's claims as registered functions of measurements, and their statistical decision."""
