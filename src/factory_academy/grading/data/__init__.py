"""The codec that knows only data: what may cross between trainee's code and judge by value, and how."""
