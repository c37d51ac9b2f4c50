"""What a request may say: parse gives a typed form and a sentence for each field that cannot be used."""
