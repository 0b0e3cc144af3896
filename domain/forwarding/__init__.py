"""上级事项转送: that something was passed up unopened, and nothing of what it says."""
