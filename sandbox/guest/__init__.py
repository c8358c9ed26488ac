"""The far side of the wall: the child process that holds V8. The host never imports it."""
