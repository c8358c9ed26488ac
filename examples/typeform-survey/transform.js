// A filled-in survey: keep each answer with its question, and the score on the profile.

const form = payload.form_response;
if (!form) throw new Error("This is no Typeform response: form_response is missing.");

// Typeform leaves out questions that were not answered, so the third answer need not belong to the
// third question. Each answer names its question; we look it up by that name.
const answerTo = new Map(
  (form.answers ?? []).map((answer) => [answer.field.id, valueOf(answer)]),
);

const answered = form.definition.fields.filter((field) => answerTo.has(field.id));

// Without an address we cannot tell whose answers these are.
const emailField = answered.find((field) => field.type === "email");
if (!emailField) return;
const email = answerTo.get(emailField.id);

// "ref" is the name that we gave the question in Typeform's editor.
const scoreField = answered.find((field) => field.ref === "recommend_score");
const score = scoreField && answerTo.get(scoreField.id);

return {
  attributes: [{ email, survey_score: score, survey_group: groupOf(score) }],
  events: [
    {
      email,
      name: "Survey Completed",
      time: form.submitted_at,
      properties: {
        form: form.definition.title,
        responses: answered
          .filter((field) => field !== emailField)
          .map((field) => ({ question: field.title, answer: answerTo.get(field.id) })),
      },
    },
  ],
};

// Where an answer keeps its value depends on its type.
function valueOf(answer) {
  switch (answer.type) {
    case "choice":
      return answer.choice.label;
    case "choices":
      return answer.choices.labels.join(", ");
    case "text":
      return answer.text.slice(0, 255); // longer text would not be stored
    default:
      return answer[answer.type]; // email, number, boolean, date, url …
  }
}

function groupOf(score) {
  if (score === undefined) return undefined; // not answered: leave the profile as it is
  if (score >= 9) return "promoter";
  return score >= 7 ? "passive" : "detractor";
}
