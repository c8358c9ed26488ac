"""The far side of the wall: everything here runs in the guest process."""
