"""The console API: JSON over HTTP for people's editors, scripts and CI."""
