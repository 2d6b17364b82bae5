"""Cases tried: expected and got, what no case reaches, what no case would notice."""
