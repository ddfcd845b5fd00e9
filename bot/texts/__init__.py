"""Every text a person sees, in Korean and English side by side."""
