"""What is wrong or doubtful in a document that compiles."""
