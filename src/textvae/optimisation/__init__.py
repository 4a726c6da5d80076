"""What every training needs, of a cell or of a language model: steps that survive being stopped."""
