"""What people see of publishing: how the channels stand."""
