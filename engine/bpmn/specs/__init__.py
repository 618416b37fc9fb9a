"""How each element behaves: subclasses of SpiffWorkflow's BPMN task specifications, one noun a module."""
