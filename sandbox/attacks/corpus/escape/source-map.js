// Names a source map to be read from the disk.
// expect: returned 1
return 1;
//# sourceMappingURL=file:///etc/passwd
