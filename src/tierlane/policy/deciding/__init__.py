"""A revision at work: values, classes, sets of rules, plan and step, evidence."""
