"""The waiting line in figures: order, choice, wants, steps over age, limits and budgets."""
