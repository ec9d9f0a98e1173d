"""The reviewer's desk: what waits for my office, the sheet on which it decides, and what came of it."""
