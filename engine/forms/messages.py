"""Everything the form engine itself says; the English text is the message id."""


def N_(message: str) -> str:
    """Marks a message for extraction (Babel keyword ``N_``)."""
    return message


#: Message by stable error code; braces take the error's params.
ERRORS = {
    "required": N_("Fill this in."),
    "choice_required": N_("Choose one."),
    "tick_required": N_("Tick this to go on."),
    "file_required": N_("Attach a file."),
    "not_a_number": N_("Enter a number, such as 1,234.50."),
    "not_a_date": N_("Enter a date, such as 2026-11-22."),
    "not_a_time": N_("Enter a time, such as 09:30."),
    "not_a_datetime": N_("Enter a date and a time, such as 2026-11-22 09:30."),
    "not_an_option": N_("Choose one of the options offered."),
    "too_small": N_("Enter {minimum} or more."),
    "too_large": N_("Enter {maximum} or less."),
    "too_short": N_("Enter at least {minimum} characters."),
    "too_long": N_("Enter at most {maximum} characters; these are {length}."),
    "decimals": N_("Enter at most {digits} digits after the decimal point."),
    "whole_number": N_("Enter a whole number."),
    "step": N_("Enter a multiple of {step}."),
    "too_early": N_("Choose {earliest} or later."),
    "too_late": N_("Choose {latest} or earlier."),
    "pattern": N_("This does not have the expected form."),
    "email": N_("Enter an e-mail address, such as name@example.com."),
    "phone": N_("Enter a telephone number, such as 138 0013 8000."),
    "check": N_("This value is not allowed here."),
    "file_type": N_("{name} cannot be attached here. Allowed: {accept}."),
    "too_many_files": N_("Attach only one file."),
    "unknown_attachment": N_("An attachment is no longer there. Attach it again."),
    "unknown_field": N_("The page sent “{name}”, which this form does not have. Reload the page."),
    "unknown_row": N_("A row of this list has changed meanwhile. Check the list and send it again."),
    "hidden_field": N_("This no longer applies to what you chose and was left out. Send again to go on."),
    "more_to_fill": N_("That button asks for more. Fill it in, then press it again."),
    "outcome_required": N_("Choose one of the buttons at the bottom."),
    "unknown_outcome": N_("This choice is no longer offered. Choose one of the buttons at the bottom."),
}

#: Fixed words of the page, by the name under which the macros use them.
WORDS = {
    "required": N_("required"),
    "complete": N_("Complete"),
    "problems": N_("Please check what you entered"),
    "problem": N_("Problem:"),
    "add": N_("Add a row"),
    "remove": N_("Remove"),
    "row": N_("Row {number}"),
    "choose": N_("Choose …"),
    "yes": N_("Yes"),
    "no": N_("No"),
    "and": N_(", "),
    "nothing": N_("Nothing to show."),
    "empty": N_("–"),
    "keep": N_("Attached"),
    "outcome": N_("Decision"),
    "no_options": N_("There is nothing to choose from."),
}
