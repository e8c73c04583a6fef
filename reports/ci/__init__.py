"""A gate's verdict for machines that run gates: JUnit XML, GitHub's step summary, GitHub's annotations."""
